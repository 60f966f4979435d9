"""Open data: everything public, for anybody to read (graphene); no personal data, no key, nothing to change."""
