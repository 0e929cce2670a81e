"""The data plane: a load balancer that listens, and tasks that are processes, in a process of its own.

`traffic.py` is the stand-in's side of it; everything else runs in the process that `__main__.py` begins.
"""
