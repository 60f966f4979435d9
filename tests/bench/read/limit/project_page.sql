-- $1 slug, $2 viewer
select format(
  '{"data":{"project":{"id":"%s","slug":"%s","title":%s,"summary":%s,"category":"%s","status":"%s","followerCount":%s,'
  '"commentCount":%s,"updateCount":%s,"viewerIsFollowing":%s,"createdAt":"%s","launchedAt":%s,"owner":%s,'
  '"updates":{"edges":[%s]},"boards":[%s]}}}',
  pg_temp.global_id('Project:', project.id), slug, to_json(project.title), to_json(summary), category, status,
  project.follower_count, comment_count, update_count, is_following::text, pg_temp.moment(project.created_at),
  coalesce('"' || pg_temp.moment(launched_at) || '"', 'null'),
  case when owner.id is null then 'null' else format('{"id":"%s","handle":"%s","displayName":%s}',
    pg_temp.global_id('User:', owner.id), owner.handle, to_json(owner.display_name)) end,
  (
    select string_agg(format(
      '{"node":{"id":"%s","title":%s,"bodyHtml":%s,"publishedAt":"%s","commentCount":%s,"author":%s,'
      '"comments":{"edges":[%s]}}}',
      pg_temp.global_id('Update:', news.id), to_json(news.title), to_json(news.body_html),
      pg_temp.moment(published_at), news.comment_count,
      case when author.id is null then 'null' else format('{"id":"%s","handle":"%s","displayName":%s}',
        pg_temp.global_id('User:', author.id), author.handle, to_json(author.display_name)) end,
      (
        select string_agg(format('{"node":{"id":"%s","bodyHtml":%s,"createdAt":"%s","author":%s}}',
          pg_temp.global_id('Comment:', comment.id), to_json(body_html), pg_temp.moment(comment.created_at),
          case when speaker.id is null then 'null' else format('{"id":"%s","handle":"%s","displayName":%s}',
            pg_temp.global_id('User:', speaker.id), handle, to_json(display_name)) end), ',' order by comment.id)
        from (
          select id, body_html, created_at, author_id, deleted_at from comments_comment
          where update_id = news.id and parent_id is null
          order by id limit 5) comment
        left join accounts_user speaker on speaker.id = author_id and is_active and comment.deleted_at is null)
      ), ',' order by published_at desc, news.id desc)
    from (
      select id, title, body_html, published_at, comment_count, author_id from updates_update
      where project_id = project.id and published_at is not null
        and (audience = 'EVERYONE' or is_team or (audience = 'FOLLOWERS' and is_following))
      order by published_at desc, id desc limit 10) news
    left join accounts_user author on author.id = author_id and author.is_active
  ),
  (
    select string_agg(format('{"id":"%s","title":%s,"tasks":{"edges":[%s]}}',
      pg_temp.global_id('Board:', board.id), to_json(board.title),
      (
        select string_agg(format('{"node":{"id":"%s","title":%s,"state":"%s","position":%s,"claimants":[%s]}}',
          pg_temp.global_id('Task:', task.id), to_json(task.title), task.state, position, (
            select string_agg(format('{"id":"%s","handle":"%s","displayName":%s}',
              pg_temp.global_id('User:', claimant.id), handle, to_json(display_name)), ',' order by claimed_at, claim.id)
            from boards_claim claim join accounts_user claimant on claimant.id = claimant_id and is_active
            where task_id = task.id and claim.state in ('CLAIMED', 'SUBMITTED', 'ACCEPTED'))
          ), ',' order by position, task.id)
        from (
          select id, title, state, position from boards_task where board_id = board.id
          order by position, id limit 30) task
      )), ',' order by board.id)
    from boards_board board where board.project_id = project.id
  ))
from projects_project project
  cross join lateral (
    select exists (select from projects_membership where project_id = project.id and user_id = $2) as is_team,
      exists (select from follows_follow where project_id = project.id and follower_id = $2) as is_following) viewer
  left join accounts_user owner on owner.id = owner_id and owner.is_active
where slug = $1 and (status in ('LIVE', 'FUNDED', 'UNFUNDED', 'FULFILLED') or is_team)
