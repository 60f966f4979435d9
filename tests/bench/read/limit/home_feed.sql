-- $1 viewer, $2 first
select format('{"data":{"viewer":{"homeFeed":{"pageInfo":{"hasNextPage":%s,"endCursor":%s},"edges":[%s]}}}}',
  (count(*) > $2)::text, coalesce('"' || max(cursor) filter (where place = least(found, $2)) || '"', 'null'),
  string_agg(format('{"cursor":"%s","node":{"__typename":"UpdatePublished","id":"%s","occurredAt":"%s","update":{'
    '"id":"%s","title":%s,"bodyHtml":%s,"publishedAt":"%s","commentCount":%s,"author":%s,'
    '"project":{"id":"%s","slug":"%s","title":%s}}}}',
    cursor, pg_temp.global_id('UpdatePublished:', id), moment, pg_temp.global_id('Update:', id), to_json(title),
    to_json(body_html), moment, comment_count,
    case when author_id is null then 'null' else format('{"id":"%s","handle":"%s","displayName":%s}',
      pg_temp.global_id('User:', author_id), handle, to_json(display_name)) end,
    pg_temp.global_id('Project:', project_id), slug, to_json(project_title)
  ), ',' order by place) filter (where place <= $2))
from (
  select *, pg_temp.cursor_of('["Viewer.homeFeed:' || $1 || '","' || moment || '",' || id || ']') as cursor
  from (
    select *, pg_temp.moment(published_at) as moment, count(*) over () as found,
      row_number() over (order by published_at desc, id desc) as place
    from (
      select news.id, news.published_at, news.title, news.body_html, news.comment_count, author.id as author_id,
        author.handle, author.display_name, project.id as project_id, slug, project.title as project_title
      from (
        -- The index alone says which could come next; only as many rows are read as the page has.
        select news.id, published_at
        from follows_follow follow join updates_update news on news.project_id = follow.project_id
        where follower_id = $1 and published_at is not null
        order by published_at desc, news.id desc
        offset 0) candidate
        join updates_update news on news.id = candidate.id
        join projects_project project on project.id = news.project_id
        left join accounts_user author on author.id = news.author_id and author.is_active
      where case
        when status in ('LIVE', 'FUNDED', 'UNFUNDED', 'FULFILLED') and audience in ('EVERYONE', 'FOLLOWERS') then true
        else exists (select from projects_membership where project_id = project.id and user_id = $1) end
      order by candidate.published_at desc, candidate.id desc
      limit $2 + 1) news
    offset 0) news
  offset 0) feed
