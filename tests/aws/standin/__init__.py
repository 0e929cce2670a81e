"""A stand-in for AWS: moto, with the state, the refusals and the faults that moto lacks."""
