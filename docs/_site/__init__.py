"""The site's own parts: pages that are made, links, the gallery."""
