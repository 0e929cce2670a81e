"""Accounts with credentials of their own, made with moto's own AssumeRole: the access key names the account."""

from __future__ import annotations

import itertools
import json
from typing import Any

from moto import settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

ROLE = "standin"
_numbers = itertools.count(100000000001)


def create(wanted: str | None = None) -> dict[str, Any]:
    """`wanted`: its id, where a configuration names it; one that is there already is given new keys."""
    account = wanted or str(next(_numbers))
    iam = iam_backends[account]["aws"]
    if any(role.name == ROLE for role in iam.roles.values()):
        return {"accountId": account, "roleArn": f"arn:aws:iam::{account}:role/{ROLE}"} | session(account)
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
    }
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    role = iam.create_role(
        role_name=ROLE,
        assume_role_policy_document=json.dumps(trust),
        path="/",
        permissions_boundary=None,
        description="",
        tags=[],
        max_session_duration="3600",
    )
    # moto looks it up when signatures are verified: without a policy everything would be refused.
    permit(account, everything)
    return {"accountId": account, "roleArn": role.arn} | session(account)


def session(account: str) -> dict[str, str]:
    """New keys of the account's identity, beside those that it has."""
    made = sts_backends[account]["aws"].assume_role(
        region_name="us-east-1",
        role_session_name="test",
        role_arn=f"arn:aws:iam::{account}:role/{ROLE}",
        policy="",
        duration=3600,
        external_id="",
    )
    keys.made.setdefault(account, set()).add(made.access_key_id)
    return {
        "accessKeyId": made.access_key_id,
        "secretAccessKey": made.secret_access_key,
        "sessionToken": made.session_token,
    }


def permit(account: str, policy: dict[str, Any]) -> None:
    """What the account's identity may do: moto holds it against every call where it verifies signatures."""
    iam_backends[account]["aws"].put_role_policy(ROLE, "all", json.dumps(policy))


def verify_signatures() -> None:
    """What `POST /moto-api/reset-auth` with the body 0 does: for the whole process, from now on."""
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
    ActionAuthenticatorMixin.request_count = 0


class Keys:
    """Which account an access key belongs to, and which keys have ended."""

    def __init__(self) -> None:
        self._accounts: dict[str, str] = {}
        self.made: dict[str, set[str]] = {}
        self.ended: set[str] = set()

    def end(self, account: str) -> None:
        """What time does to an identity's session keys: those that it has so far are good for nothing any more."""
        self.ended |= self.made.pop(account, set())

    def account_of(self, key: str | None) -> str | None:
        if key is None:
            return None
        if key not in self._accounts:
            # Copied first, as moto does: another thread may be making an account.
            for account, partitions in list(iam_backends.items()):
                if key in partitions["aws"].access_keys:
                    self._accounts[key] = account
                    break
        return self._accounts.get(key)


keys = Keys()
