"""The pages of the room: the weekly hours and the calendar of days that differ."""
