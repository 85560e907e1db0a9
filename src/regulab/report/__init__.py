"""A study on one page of HTML: first what stands there, then the page; it opens offline and runs no script."""
