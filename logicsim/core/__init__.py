"""What everything else is made of: errors, units, files, tables, randomness, the rule."""
