-- The project's formats, for the limit's statements. PostgreSQL writes such functions out where they are called, when it
-- plans; they live as long as a connection. {inner} and {outer} are the two keys of HMAC (RFC 2104) for cursors.

create function pg_temp.global_id(type_name text, pk bigint) returns text language sql stable
-- No "+" or "/" to replace: six bits of ASCII letters, digits and colons never spell them.
return rtrim(encode(convert_to(type_name || pk, 'UTF8'), 'base64'), '=');

create function pg_temp.moment(value timestamptz) returns text language sql stable
return btrim(to_json(value)::text, '"');

create function pg_temp.cursor_of(place text) returns text language sql stable
return rtrim(replace(encode(convert_to(
  encode(substr(sha256('{outer}'::bytea || sha256('{inner}'::bytea || convert_to(place, 'UTF8'))), 1, 8), 'hex') || place,
  'UTF8'), 'base64'), chr(10), ''), '=');
