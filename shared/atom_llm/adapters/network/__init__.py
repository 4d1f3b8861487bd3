"""What every client of HTTP needs: where a URL leads, the proxies on the way, whom to trust, and what an answer is."""
