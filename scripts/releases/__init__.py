"""What scripts/release packs: zips, templates and a bill of materials."""
