import strawberry

from schema.declarations import Node, column


@strawberry.interface(description="What can be followed: a person, a project or a community.")
class Followable(Node):
    follower_count: int = column("How many people follow it.")
    viewer_is_following: bool = column("Whether the viewer does; false for nobody.")
