"""Plans become Python: functions from stored rows to answers."""
