"""A GraphQL selection becomes one PostgreSQL statement that answers finished JSON.

The way of a field, and the file of each step: what it declares (`sources`, `pages`, and `roots` for root fields), how a
selection is walked (`compiler`) with its arguments (`arguments`, `filtering`), the SQL that makes JSON (`rendering`,
`texts`), the places left open in it for the viewer, the variables and the cursors (`slots`), the finished text
(`statements`), and what is done with its answer (`plans`).
"""
