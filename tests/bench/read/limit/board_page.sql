-- $1 board, $2 first, $3 viewer
select format(
  '{"data":{"board":{"id":"%s","title":%s,"cursor":"%s","project":{"id":"%s","slug":"%s","title":%s},"tasks":{'
  '"totalCount":%s,"pageInfo":{"hasNextPage":%s,"endCursor":%s},"edges":[%s]}}}}',
  pg_temp.global_id('Board:', board.id), to_json(board.title), pg_temp.cursor_of(text),
  pg_temp.global_id('Project:', project.id), slug, to_json(project.title),
  (select count(*) from boards_task where board_id = board.id),
  more::text, coalesce('"' || pg_temp.cursor_of(last) || '"', 'null'), edges)
from (
  select *, '["board:' || id || '",' || coalesce((select seq from core_stream where name = 'board:' || board.id), 0) || ']'
    as text
  from boards_board board where id = $1
  offset 0) board
  join projects_project project on project.id = project_id
  cross join lateral (
    select count(*) > $2 as more,
      max('["Board.tasks:' || board.id || '",' || position || ',' || task.id || ']')
        filter (where place = least(found, $2)) as last,
      string_agg(format(
        '{"node":{"id":"%s","number":%s,"title":%s,"labels":%s,"slots":%s,"openSlots":%s,"state":"%s","position":%s,'
        '"version":%s,"commentCount":%s,"claims":[%s],"viewerClaim":%s}}',
        pg_temp.global_id('Task:', task.id), number, to_json(title), to_json(labels), slots, open_slots, state, position,
        version, comment_count, claims, coalesce(mine, 'null')
      ), ',' order by place) filter (where place <= $2) as edges
    from (
      select *, row_number() over (order by position, id) as place, count(*) over () as found
      from (
        select id, number, title, labels, slots, open_slots, state, position, version, comment_count from boards_task
        where board_id = board.id
        order by position, id
        limit $2 + 1) first) task
      cross join lateral (
        select
          string_agg(format('{"id":"%s","state":"%s","claimedAt":"%s","claimant":%s}',
            pg_temp.global_id('Claim:', claim.id), claim.state, pg_temp.moment(claimed_at),
            case when claimant.id is null then 'null' else format('{"id":"%s","handle":"%s","displayName":%s}',
              pg_temp.global_id('User:', claimant.id), handle, to_json(display_name)) end
          ), ',' order by claimed_at, claim.id) as claims,
          max(format('{"id":"%s","state":"%s"}', pg_temp.global_id('Claim:', claim.id), claim.state))
            filter (where claimant_id = $3) as mine
        from boards_claim claim
          left join accounts_user claimant on claimant.id = claimant_id and is_active
        where task_id = task.id and claim.state in ('CLAIMED', 'SUBMITTED', 'ACCEPTED')) held
  ) tasks
where status in ('LIVE', 'FUNDED', 'UNFUNDED', 'FULFILLED')
  or exists (select from projects_membership where project_id = project.id and user_id = $3)
