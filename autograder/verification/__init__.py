"""Prove that a chapter's hidden tests and checks tell right answers from wrong ones."""
