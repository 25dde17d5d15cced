import pytest

pytest.register_assert_rewrite("tests.journeys.company", "tests.journeys.seeing")
