"""From a chapter's text to its executed solution, its student notebook and its answer key."""
