from tests.conformance.conftest import wsgi_server  # noqa: F401  # A fixture: the WSGI server of production.
