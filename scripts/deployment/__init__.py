"""The stack on an emulator of AWS: see scripts/deployed, which runs this. In reading order: gaps (what the emulator lacks),
emulator (its start), fitted and imported_body (what makes up for the gaps), stack (deploys), trials (what is tried), breaks and
permissions (that a fault is found)."""
