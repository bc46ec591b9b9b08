"""The AWS of this machine: MiniStack, bound to 127.0.0.1, with the corrections that the shop needs.

MiniStack is used as it is published. What it lacks is put right while it starts, by functions that wrap its
own (`corrections.py` lists them, each says why it is there). tests/local/test_emulator.py watches the
defects: a newer MiniStack that has mended one makes its test fail, and the correction can go.
"""
