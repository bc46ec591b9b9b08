"""The live view: what functions, messages, queues and orders do, as it happens, for one order or for all.

`record` reads what the emulator writes down, `story` tells of one order what the twenty steps of the
documents are, `pages` shows it at /live, `terminal` in `make watch`.
"""
