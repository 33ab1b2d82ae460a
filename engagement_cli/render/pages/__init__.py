"""Pages: what of a document people read, and in which order. `document` has the page of each kind of document."""
