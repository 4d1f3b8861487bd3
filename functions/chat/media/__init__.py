"""Moderation, pictures, speech and transcripts over HTTP."""
