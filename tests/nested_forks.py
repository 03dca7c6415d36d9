"""Only for the fork server, which imports it last."""

from __future__ import annotations

import gc

from tests.forks import CAN_SHARE, share_server

if CAN_SHARE:
    share_server()
gc.freeze()  # what is imported outlives all that is forked
