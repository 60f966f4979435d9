"""The same schema answered the slow way, to hold the planner's answers and its speed against.

Each field is resolved for each row by what its declaration says (`resolvers`, `paging`); `answers` compares, over documents
(`selections`, `arguments`) about a world (`worlds`); `reducing` shortens what differs. `wsgi` serves it.
"""
