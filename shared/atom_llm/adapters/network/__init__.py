"""What every client of HTTP needs: where a URL leads, the proxies on the way, and whom to trust."""
