-- The people, projects and talk that `make bench-read` asks for: the same on every machine, under every constraint.
-- How many there are of each stands in the settings bench.users, bench.projects, … of the connection (data.py).
-- A line that begins with "--:" begins a step.

--: people
select setseed(0.42);
insert into accounts_user (
  id, password, is_superuser, email, handle, display_name, bio, bio_html, location, website, skills, interests, locale,
  is_active, is_staff, created_at, follower_count, following_count, project_count, completed_task_count, minutes_given,
  open_claim_count, block_count, imported_from)
select i, '!', false, 'person' || i || '@example.org', 'person-' || i,
  (array['Ana María', 'Bo', 'Nuria', 'Iñaki', 'Zoë', 'Jean-Luc', 'Maria "Mía"', 'Łucja'])[1 + i % 8] || ' ' || i,
  repeat('plants trees, ', 5), '<p>' || repeat('plants trees, ', 5) || E'</p>\n', 'Granada', '', '{}', '{}',
  (array['en', 'es', 'ca', 'fr'])[1 + i % 4], true, false,
  timestamptz '2025-01-01 00:00+00' + i * interval '10 minutes' + (i % 7) * interval '1.000120 seconds',
  0, 0, 0, 0, 0, 0, 0, ''
from generate_series(1, current_setting('bench.users')::int) i;

--: sessions
-- Viewer k is person 1 + 37 k; their token is the word that queries.py sends.
insert into accounts_session (token_hash, user_agent, created_at, expires_at, user_id)
select encode(sha256(convert_to('acequia_bench_' || k, 'UTF8')), 'hex'), 'bench', '2026-01-01 00:00+00',
  '2100-01-01 00:00+00', 1 + 37 * k % current_setting('bench.users')::int
from generate_series(0, current_setting('bench.viewers')::int - 1) k;
-- A few people have left: nobody may see them, wherever they stand.
update accounts_user set is_active = false
where id % 500 = 250 and id not in (select user_id from accounts_session);

--: communities
insert into communities_community (id, slug, name, kind, place, summary, created_at, follower_count, project_count)
select i, 'community-' || i, 'Community ' || i, (array['LOCAL', 'THEMATIC'])[1 + i % 2], 'Granada', 'Water and earth.',
  '2025-01-01 00:00+00', 0, 0
from generate_series(1, 20) i;

--: projects
-- Those behind bench.projects are drafts: followed and written about, and seen by nobody but their teams.
insert into projects_project (
  id, slug, title, summary, description, description_html, category, tags, location, locale, status, created_at,
  submitted_at, launched_at, follower_count, comment_count, update_count, imported_from, community_id, owner_id)
select i, 'project-' || i, (array['Riego', 'Huerta', 'Molí', 'Semillas & más'])[1 + i % 4] || ' number ' || i,
  left(repeat(md5(i::text) || ' ', 8), 200), 'All of it.', E'<p>All of it.</p>\n',
  (array['SOCIAL', 'CULTURAL', 'SCIENTIFIC', 'EDUCATIONAL', 'TECHNOLOGICAL', 'ECOLOGICAL'])[1 + i % 6],
  array['water', 'tag-' || i % 50], 'Granada', 'en', case when is_public then 'LIVE' else 'DRAFT' end, began, null,
  case when is_public then began + interval '9 days 00:00:00.1' end, 0, 0, 0, '',
  case when i % 5 = 0 then 1 + i / 5 % 20 end, random(1, current_setting('bench.users')::int)
from (
  select i, i <= current_setting('bench.projects')::int as is_public,
    timestamptz '2025-06-01 00:00+00' + i * interval '1 hour' + (i % 7) * interval '1.000123 seconds' as began
  from generate_series(1, current_setting('bench.projects')::int * 101 / 100) i) drawn;
insert into projects_membership (project_id, user_id, role, created_at)
select id, owner_id, 'OWNER', created_at from projects_project order by id;

--: updates
insert into updates_update (
  id, project_id, author_id, title, body, body_html, audience, created_at, published_at, comment_count)
select i, random(1, current_setting('bench.projects')::int * 101 / 100), random(1, current_setting('bench.users')::int),
  'Update ' || i || ': «noticias» from "the field"', left(repeat(md5(i::text) || ' ', 16), 480),
  '<p>' || left(repeat(md5(i::text) || ' ', 16), 480) || E'</p>\n',
  case when i % 100 = 0 then 'TEAM' when i % 100 < 5 then 'FOLLOWERS' else 'EVERYONE' end,
  -- Two in a row come out in the same moment, so that their ids must decide.
  timestamptz '2025-09-01 00:00+00' + i / 2 * interval '10 minutes',
  timestamptz '2025-09-01 00:01+00' + i / 2 * interval '10 minutes' + (i / 2 % 9) * interval '0.000130 seconds', 0
from generate_series(1, current_setting('bench.updates')::int) i;

--: comments
insert into comments_comment (
  id, update_id, project_id, depth, author_id, body, body_html, created_at, deleted_at, reply_count)
select i, subject, case when subject is null then 1 end, 0, author, case when is_deleted then '' else text end,
  case when is_deleted then '' else '<p>' || text || E'</p>\n' end,
  timestamptz '2025-10-01 00:00+00' + i * interval '31.000007 seconds',
  case when is_deleted then timestamptz '2026-06-01 00:00+00' end, 0
from (
  select i, i % 200 = 0 as is_deleted, left(repeat(md5(i::text) || ' ', 4), 112) as text,
    random(1, current_setting('bench.users')::int) as author,
    -- What is left over is one long thread under the first project: to read its thousandth page.
    case when i <= current_setting('bench.comments')::int then random(1, current_setting('bench.updates')::int) end
      as subject
  from generate_series(1, current_setting('bench.comments')::int + current_setting('bench.thread')::int) i) drawn;

--: boards
insert into boards_board (id, title, claim_hours, created_at, last_task_number, project_id)
select i, 'Board ' || i, 72, '2025-06-01 00:00+00', case when i <= small then 30 else 100 end, i
from (select current_setting('bench.small_boards')::int as small) sizes,
  generate_series(1, small + current_setting('bench.large_boards')::int) i;
insert into core_stream (name, seq) select 'board:' || id, 3 * id from boards_board where id % 2 = 0;

--: tasks
insert into boards_task (
  id, board_id, number, title, body, body_html, skills, labels, slots, position, created_at, version, claimed_count,
  submitted_count, accepted_count, comment_count, imported_from)
select row_number() over (order by board.id, number), board.id, number, 'Task ' || number || ' of board ' || board.id,
  'How.', E'<p>How.</p>\n', '{}', array['urgent', 'label-' || number % 9], 1 + number % 3,
  -- Not in the order of the numbers: people move tasks about.
  ((number * 7) % last_task_number) * 1024.5, '2025-06-02 00:00+00', 1 + number % 4, 0, 0, 0, number % 5, ''
from boards_board board, generate_series(1, last_task_number) number;

--: claims
insert into boards_claim (
  task_id, claimant_id, state, claimed_at, expires_at, released_at, release_reason, submitted_at, note, links,
  minutes_spent, review_note)
select task, claimant, state, '2025-07-01 00:00+00'::timestamptz + place * interval '90.000100 minutes',
  '2099-01-01 00:00+00', case when state = 'RELEASED' then timestamptz '2025-07-09 00:00+00' end,
  case when state = 'RELEASED' then 'GIVEN_UP' else '' end,
  case when state in ('SUBMITTED', 'ACCEPTED') then timestamptz '2025-07-02 00:00+00' end, '', '{}',
  case when state = 'ACCEPTED' then 30 end, ''
from (
  select task.id as task, place,
    -- On the first large boards one in four tasks is claimed by one of the viewers, of whom each may hold twenty.
    case when last_task_number = 100 and board.id <= current_setting('bench.small_boards')::int + 100
        and number % 4 = 0 and place = 1
      then 1 + 37 * random(0, current_setting('bench.viewers')::int - 1) % current_setting('bench.users')::int
      else 1 + (random(0, current_setting('bench.users')::int / 8 - 1) * 8 + place)::int
    end as claimant,
    case when place > slots then 'RELEASED'
      else (array['CLAIMED', 'CLAIMED', 'SUBMITTED', 'ACCEPTED', 'ACCEPTED'])[1 + (number + place) % 5] end as state
  from boards_task task join boards_board board on board.id = board_id,
    generate_series(1, slots - (slots > 1 and number % 8 = 0)::int + (number % 10 = 0)::int) place
  where number % 2 = 0
  order by task.id, place) drawn
on conflict do nothing;
update boards_task set claimed_count = claimed, submitted_count = submitted, accepted_count = accepted
from (
  select task_id, count(*) filter (where state = 'CLAIMED') as claimed,
    count(*) filter (where state = 'SUBMITTED') as submitted, count(*) filter (where state = 'ACCEPTED') as accepted
  from boards_claim group by task_id) counted
where task_id = boards_task.id;

--: follows
-- Nobody has blocked anybody yet. A trigger would ask for each row, and keep a lock for each until the end: they are too many.
set session_replication_role = replica;
-- Every third viewer follows the project and the person that queries.py lets them look at, every tenth is in the team.
insert into projects_membership (project_id, user_id, role, created_at)
select 1 + 37 * k % current_setting('bench.small_boards')::int, 1 + 37 * k % current_setting('bench.users')::int,
  'EDITOR', '2025-06-03 00:00+00'
from generate_series(1, current_setting('bench.viewers')::int - 1, 10) k
on conflict do nothing;
with looked_at as (
  select 1 + 37 * k % current_setting('bench.users')::int as viewer,
    1 + 37 * k % current_setting('bench.small_boards')::int as project,
    1 + (37 * k + 11) % current_setting('bench.users')::int as person
  from generate_series(0, current_setting('bench.viewers')::int - 1, 3) k),
drawn as (
  select 0 as i, viewer as follower, project, null::int as person from looked_at
  union all
  select 0, viewer, null, person from looked_at
  union all
  select i, random(1, current_setting('bench.users')::int),
    case when i % 10 < 7 then random(1, current_setting('bench.projects')::int * 101 / 100) end,
    case when i % 10 >= 7 then random(1, current_setting('bench.users')::int) end
  from generate_series(1, current_setting('bench.follows')::int * 21 / 20) i),
different as (
  select follower, project, person, min(i) as i from drawn
  where person is distinct from follower group by follower, project, person)
insert into follows_follow (follower_id, project_id, user_id, created_at)
select follower, project, person,
  timestamptz '2025-09-01 00:00+00' + row_number() over (order by i, follower, project, person) * interval '9 seconds'
from different
order by i, follower, project, person
limit current_setting('bench.follows')::int;
set session_replication_role = origin;

--: counters
update updates_update set comment_count = counted.comments
from (select update_id, count(*) as comments from comments_comment where deleted_at is null group by 1) counted
where update_id = updates_update.id;
update projects_project set comment_count = (
  select count(*) from comments_comment where project_id = 1 and deleted_at is null) where id = 1;
update projects_project set update_count = counted.updates
from (select project_id, count(*) as updates from updates_update group by 1) counted
where project_id = projects_project.id;
update projects_project set follower_count = counted.followers
from (select project_id, count(*) as followers from follows_follow group by 1) counted
where project_id = projects_project.id;
update communities_community set project_count = counted.projects
from (select community_id, count(*) as projects from projects_project where status = 'LIVE' group by 1) counted
where community_id = communities_community.id;
update accounts_user set follower_count = coalesce(followers, 0), following_count = coalesce(following, 0),
  project_count = coalesce(projects, 0), open_claim_count = coalesce(unfinished, 0),
  completed_task_count = coalesce(accepted, 0), minutes_given = coalesce(minutes, 0)
from accounts_user person
  left join (select user_id, count(*) as followers from follows_follow group by 1) a on a.user_id = person.id
  left join (select follower_id, count(*) as following from follows_follow group by 1) b on b.follower_id = person.id
  left join (select owner_id, count(*) as projects from projects_project where status = 'LIVE' group by 1) c
    on c.owner_id = person.id
  left join (
    select claimant_id, count(*) filter (where state in ('CLAIMED', 'SUBMITTED')) as unfinished,
      count(*) filter (where state = 'ACCEPTED') as accepted, sum(minutes_spent) as minutes
    from boards_claim group by 1) d on d.claimant_id = person.id
where person.id = accounts_user.id;

--: keys
-- Rows that came with their ids have not moved the counters of their tables.
do $$
declare name regclass;
begin
  foreach name in array array['accounts_user', 'communities_community', 'projects_project', 'updates_update',
    'comments_comment', 'boards_board', 'boards_task']::regclass[] loop
    execute format('select setval(pg_get_serial_sequence(%L, ''id''), max(id)) from %s', name, name);
  end loop;
end $$;
