"""The shop on one machine: its servers, its AWS emulator, and the commands that people type."""
