"""An application for tests of everything that it serves."""

from __future__ import annotations

from tests.web.graphql.cache.test_response_cache import one_serving as one_serving
from tests.web.graphql.cache.test_response_cache import served as served
