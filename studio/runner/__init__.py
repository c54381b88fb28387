"""The loop: claims runs, schedules their steps, commits what they made."""
