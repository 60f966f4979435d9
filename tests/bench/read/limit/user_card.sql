-- $1 handle, $2 viewer
select format(
  '{"data":{"user":{"id":"%s","handle":"%s","displayName":%s,"bioHtml":%s,"createdAt":"%s","followerCount":%s,'
  '"viewerIsFollowing":%s}}}',
  pg_temp.global_id('User:', id), handle, to_json(display_name), to_json(bio_html), pg_temp.moment(created_at),
  follower_count, (exists (select from follows_follow where follower_id = $2 and user_id = person.id))::text)
from accounts_user person where handle = $1 and is_active
