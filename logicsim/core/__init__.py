"""The foundations of every other room: errors, units, files, tables, noise and the rule."""
