"""LocalStack on this machine, without Docker: a second emulator on which the shop can be seen.

`__main__`, `functions`, `mail` and `schedules` run within LocalStack, in an interpreter that has its packages
and not the shop's; `install` and `server` run outside, as the rest of local/ does.
"""
