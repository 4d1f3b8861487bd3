"""An OpenID Connect server of a package on this machine, for tests that sign in somewhere."""
