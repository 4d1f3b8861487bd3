"""HTTP/1.1 to providers on the event loop: origins, proxies, dialling, connections and those that are kept open."""
