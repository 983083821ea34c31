"""Typical values from data sheets, in ticks; expectations are sums of these."""

import math

NS = 1000
US = 1000 * NS
STEP = 250_000 * US  # 4 Hz
TRIGGER = 40 * US  # the supervisor's waits before the trigger flips
PERIOD = round(1e12 / 150)  # MC14490 with 10 nF
XOR = 6 * NS  # SN74ALS86
NOT, OR = 9 * NS, 10 * NS  # SN74HC04, SN74HC32
FASTEST, PULL_UP = 303 * NS, 35 * NS  # LM339A
SLOWEST = FASTEST + round(318 * NS * math.log(100e-3 / 25e-6))
LEAD = 4 * US  # from the noise to the latch
WIPER = 10 * NS  # AD5220
CS_SETUP, UD_SETUP, UD_HOLD = 20 * NS, 10 * NS, 10 * NS
CLOCK_TO_Q, SETUP, HOLD = 13 * NS, 16 * NS, 3 * NS  # CD74HC73
LATE = 4 * PERIOD + PERIOD // 2  # a debouncer takes up the trigger
EARLY = LATE - PERIOD + 1
