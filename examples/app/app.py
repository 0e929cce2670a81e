"""The sample service: small enough to read at a glance, real enough to deploy.

`/` says which version answered, so that a swap of the live traffic can be
watched from outside. `/healthz` is what the load balancer, the container's
own health check and smoke.sh ask.
"""

import os
import socket

from flask import Flask, jsonify

# The build writes the commit into the image (see the Dockerfile): the image
# itself knows what it is, whatever the task definition says.
VERSION = os.environ.get("APP_VERSION", "development")

app = Flask(__name__)


@app.get("/")
def index():
    return jsonify(service="web", version=VERSION, host=socket.gethostname())


@app.get("/healthz")
def healthz():
    return jsonify(status="ok", version=VERSION)


if __name__ == "__main__":
    # For a developer's machine only; the image runs gunicorn.
    app.run(port=9000)
