"""Waiting for a fact, never for a time."""
import time

POLL_S = 0.05


def wait_for(fact, seconds=30):
    """What `fact` gives as soon as that is true; else its last value when the time is over."""
    end = time.monotonic() + seconds
    while True:
        value = fact()
        if value or time.monotonic() > end:
            return value
        time.sleep(POLL_S)
