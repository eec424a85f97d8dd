"""The stack on emulators of AWS: see scripts/deployed, which runs this. In reading order: gaps (what MiniStack lacks), emulator (its
start), fitted and imported_body (what makes up for the gaps), stack (deploys), runs and trials (what is tried), journeys (with
authenticators and rows), breaks and permissions (that a fault is found), localemu (a second emulator)."""
