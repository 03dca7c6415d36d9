"""Stories beside an article: related stories, and similar articles."""
