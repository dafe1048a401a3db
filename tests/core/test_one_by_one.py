"""What is wrong with one row keeps no other from its time."""

import pytest

from core.one_by_one import one_by_one


def test_the_others_are_worked_off_and_the_failure_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def act(key: int) -> int:
        if key == 2:
            raise RuntimeError("something nobody thought of")
        return key

    assert one_by_one([1, 2, 4], act, what="The clock of incident") == 5
    assert [record.getMessage() for record in caplog.records] == ["The clock of incident 2 failed and is tried again"]
    assert caplog.records[0].exc_info is not None
