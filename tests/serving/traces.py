"""Load on one model over some minutes: requests inside it on average, every five seconds."""

STEP_SECONDS = 5.0

QUIET = (0.0,) * 30
"""Nobody."""

TRICKLE = (0.1, 0.0, 0.3, 0.1, 0.6, 0.2, 0.0, 0.9, 0.4, 0.1, 0.0, 0.2, 0.7, 1.1, 0.3, 0.0) * 2
"""One person clicking; now and then two pictures at once."""

RAMP = (
    *(0.2, 0.3, 0.5, 0.4, 0.8, 0.9, 1.1, 1.0, 1.3, 1.6, 1.5, 1.9, 2.0, 2.3, 2.2, 2.6),
    *(2.9, 2.8, 3.2, 3.1, 3.6, 3.5, 3.9, 4.2, 4.1, 4.6, 4.4, 4.8, 5.0, 4.9, 5.2, 5.1),
)
"""A working day begins."""

BURST = (*(0.3,) * 6, 7.4, 9.8, 9.1, 6.3, *(0.2,) * 26)
"""A folder of pictures is sent at once, then nothing much."""

SAWTOOTH = (0.1, 0.9, 1.8, 2.7, 3.6, 0.0, 0.1, 0.0) * 8
"""A camera's batch every forty seconds."""

EBB = (*(3.8,) * 4, *(2.9,) * 16, *(1.7,) * 16, *(0.8,) * 16, *(0.0,) * 16)
"""An evening: load falls in steps of eighty seconds."""
