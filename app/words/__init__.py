"""The texts of the pages, a file a page: what a student of astronomy reads. No logic."""
