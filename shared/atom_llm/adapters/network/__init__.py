"""The needs of every client of HTTP: origins, proxies, trust, sockets and answers."""
