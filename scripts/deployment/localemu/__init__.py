"""The stack on a second emulator, LocalEmu, which runs functions in containers: see scripts/deployed. In reading order: gaps (what
it lacks), engine (its start), fitted and keys (what makes up for the gaps), mailbox, run (what is tried)."""
