-- $1 category, $2 first
select format('{"data":{"projects":{"pageInfo":{"hasNextPage":%s,"endCursor":%s},"edges":[%s]}}}',
  (count(*) > $2)::text, coalesce('"' || max(cursor) filter (where place = least(found, $2)) || '"', 'null'),
  string_agg(format(
    '{"cursor":"%s","node":{"id":"%s","slug":"%s","title":%s,"summary":%s,"category":"%s","status":"%s",'
    '"followerCount":%s,"launchedAt":"%s","owner":%s}}',
    cursor, pg_temp.global_id('Project:', id), slug, to_json(title), to_json(summary), category, status, follower_count,
    moment, case when owner_id is null then 'null' else format('{"id":"%s","handle":"%s","displayName":%s}',
      pg_temp.global_id('User:', owner_id), handle, to_json(display_name)) end
  ), ',' order by place) filter (where place <= $2))
from (
  select *, pg_temp.cursor_of(text) as cursor
  from (
    select project.id, slug, title, summary, category, status, project.follower_count, moment, owner.id as owner_id, handle,
      display_name, place, found, '["projects.NEWEST","' || moment || '",' || project.id || ']' as text
    from (
      select *, pg_temp.moment(launched_at) as moment, row_number() over (order by launched_at desc, id desc) as place,
        count(*) over () as found
      from (
        select id, slug, title, summary, category, status, follower_count, launched_at, owner_id from projects_project
        where category = $1 and status in ('LIVE', 'FUNDED', 'UNFUNDED', 'FULFILLED')
        order by launched_at desc, id desc
        limit $2 + 1) newest) project
      left join accounts_user owner on owner.id = owner_id and owner.is_active
    offset 0) page
  offset 0) page
