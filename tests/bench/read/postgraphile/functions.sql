-- What PostGraphile is given beside the tables: functions for what is no column, and the one rule that it applies by itself.
-- Rules that could not change an answer here are left out, in its favour.

do $$ begin create role bench_peer; exception when duplicate_object then null; end $$;
grant usage on schema public to bench_peer;
grant select on all tables in schema public to bench_peer;

-- Row-level security is PostGraphile's own way of leaving out who has left; the project's role is above it.
alter table accounts_user enable row level security;
drop policy if exists bench_peer on accounts_user;
create policy bench_peer on accounts_user for select to bench_peer using (is_active);

create or replace function bench_viewer() returns bigint language sql stable
as $$ select current_setting('bench.viewer')::bigint $$;
comment on function bench_viewer() is '@omit';

create or replace function home_feed() returns setof updates_update language sql stable as $$
  select news.*
  from (
    select news.id, published_at
    from follows_follow follow join updates_update news on news.project_id = follow.project_id
    where follower_id = bench_viewer() and published_at is not null
    order by published_at desc, news.id desc
    offset 0) candidate
    join updates_update news on news.id = candidate.id
    join projects_project project on project.id = news.project_id
  where case
    when status in ('LIVE', 'FUNDED', 'UNFUNDED', 'FULFILLED') and audience in ('EVERYONE', 'FOLLOWERS') then true
    else exists (select from projects_membership where project_id = project.id and user_id = bench_viewer()) end
  order by candidate.published_at desc, candidate.id desc
$$;

create or replace function discover(category text) returns setof projects_project language sql stable as $$
  select * from projects_project
  where projects_project.category = discover.category and status in ('LIVE', 'FUNDED', 'UNFUNDED', 'FULFILLED')
  order by launched_at desc, id desc
$$;

create or replace function projects_project_news(project projects_project) returns setof updates_update
language sql stable as $$
  select * from updates_update
  where project_id = project.id and published_at is not null and (
    audience = 'EVERYONE'
    or exists (select from projects_membership where project_id = project.id and user_id = bench_viewer())
    or (audience = 'FOLLOWERS'
      and exists (select from follows_follow where project_id = project.id and follower_id = bench_viewer())))
  order by published_at desc, id desc
$$;

create or replace function projects_project_viewer_is_following(project projects_project) returns boolean
language sql stable as $$
  select exists (select from follows_follow where project_id = project.id and follower_id = bench_viewer())
$$;

create or replace function accounts_user_viewer_is_following(person accounts_user) returns boolean
language sql stable as $$
  select exists (select from follows_follow where user_id = person.id and follower_id = bench_viewer())
$$;

create or replace function boards_board_head(board boards_board) returns bigint language sql stable as $$
  select seq from core_stream where name = 'board:' || board.id
$$;

create or replace function boards_task_held(task boards_task) returns setof boards_claim language sql stable as $$
  select * from boards_claim
  where task_id = task.id and state in ('CLAIMED', 'SUBMITTED', 'ACCEPTED')
  order by claimed_at, id
$$;

create or replace function boards_task_claimants(task boards_task) returns setof accounts_user language sql stable as $$
  select person.*
  from boards_claim claim join accounts_user person on person.id = claimant_id
  where task_id = task.id and claim.state in ('CLAIMED', 'SUBMITTED', 'ACCEPTED')
  order by claimed_at, claim.id
$$;

create or replace function boards_task_viewer_claim(task boards_task) returns boards_claim language sql stable as $$
  select * from boards_claim
  where task_id = task.id and claimant_id = bench_viewer() and state in ('CLAIMED', 'SUBMITTED', 'ACCEPTED')
$$;
