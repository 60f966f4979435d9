-- Who looks at which board, for `make bench-live`. How many there are of each stands in bench.viewers, bench.boards and
-- bench.tasks. A line that begins with "--:" begins a step.

--: people
-- Person 1 owns everything; viewer k is person 2 + k.
insert into accounts_user (
  id, password, is_superuser, email, handle, display_name, bio, bio_html, location, website, skills, interests, locale,
  is_active, is_staff, created_at, follower_count, following_count, project_count, completed_task_count, minutes_given,
  open_claim_count, block_count, imported_from)
select i, '!', false, 'person' || i || '@example.org', 'person-' || i, 'Person ' || i, '', '', '', '', '{}', '{}', 'en',
  true, false, timestamptz '2025-01-01 00:00+00', 0, 0, 0, 0, 0, 0, 0, ''
from generate_series(1, 1 + current_setting('bench.viewers')::int) i;
insert into accounts_session (token_hash, user_agent, created_at, expires_at, user_id)
select encode(sha256(convert_to('acequia_live_' || k, 'UTF8')), 'hex'), 'bench', '2026-01-01 00:00+00',
  '2100-01-01 00:00+00', 2 + k
from generate_series(0, current_setting('bench.viewers')::int - 1) k;

--: boards
insert into projects_project (
  id, slug, title, summary, description, description_html, category, tags, location, locale, status, created_at,
  submitted_at, launched_at, follower_count, comment_count, update_count, imported_from, community_id, owner_id)
select i, 'project-' || i, 'Project ' || i, 'Water for all.', 'All of it.', E'<p>All of it.</p>\n', 'ECOLOGICAL', '{}',
  'Granada', 'en', 'LIVE', '2025-06-01 00:00+00', null, '2025-06-02 00:00+00', 0, 0, 0, '', null, 1
from generate_series(1, current_setting('bench.boards')::int) i;
insert into projects_membership (project_id, user_id, role, created_at)
select id, owner_id, 'OWNER', created_at from projects_project;
insert into boards_board (id, title, claim_hours, created_at, last_task_number, project_id)
select id, 'Board ' || id, 72, created_at, current_setting('bench.tasks')::int, id from projects_project;

--: tasks
insert into boards_task (
  id, board_id, number, title, body, body_html, skills, labels, slots, position, created_at, version, claimed_count,
  submitted_count, accepted_count, comment_count, imported_from)
select (board.id - 1) * last_task_number + number, board.id, number, 'Task ' || number, 'How.', E'<p>How.</p>\n', '{}', '{}',
  3, number, '2025-06-02 00:00+00', 1, 0, 0, 0, 0, ''
from boards_board board, generate_series(1, last_task_number) number;

--: claims
-- On the first board all viewers look, and two of them have a place on each task; on another, one who looks at it.
insert into boards_claim (
  task_id, claimant_id, state, claimed_at, expires_at, release_reason, note, links, review_note)
select task_id, 2 + k, 'CLAIMED', '2025-07-01 00:00+00', '2099-01-01 00:00+00', '', '', '{}', ''
from (
  select task.id as task_id, case when board_id = 1 then number - 1 + place * last_task_number
      else board_id - 2 + (number - 1) * (current_setting('bench.boards')::int - 1) end as k
  from boards_task task join boards_board board on board.id = board_id, generate_series(0, 1) place
  where board_id = 1 or place = 0) drawn
where k < current_setting('bench.viewers')::int;
update boards_task set claimed_count = claimed
from (select task_id, count(*) as claimed from boards_claim group by task_id) counted
where task_id = boards_task.id;
update accounts_user set open_claim_count = claimed
from (select claimant_id, count(*) as claimed from boards_claim group by claimant_id) counted
where claimant_id = accounts_user.id;
