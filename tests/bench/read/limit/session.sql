select session.user_id, is_staff
from accounts_session session join accounts_user person on person.id = session.user_id
where token_hash = $1 and ended_at is null and expires_at > now() and is_active
