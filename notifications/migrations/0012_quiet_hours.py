"""When somebody's quiet hours end, by the clock of their zone; nothing where it is not quiet now."""

from django.db import migrations

QUIET = """
CREATE FUNCTION notifications_quiet_until(zone text, quiet_from time, quiet_until time, at timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE known text := zone; local timestamp; hour time; ends date;
BEGIN
    BEGIN
        local := at AT TIME ZONE known;
    EXCEPTION WHEN invalid_parameter_value THEN
        known := 'UTC';
        local := at AT TIME ZONE known;
    END;
    hour := local::time;
    IF quiet_from < quiet_until THEN
        IF hour < quiet_from OR hour >= quiet_until THEN RETURN NULL; END IF;
        ends := local::date;
    ELSIF hour >= quiet_from THEN
        ends := local::date + 1;
    ELSIF hour < quiet_until THEN
        ends := local::date;
    ELSE
        RETURN NULL;
    END IF;
    RETURN (ends + quiet_until) AT TIME ZONE known;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0011_routing_matrix")]
    operations = [migrations.RunSQL(QUIET, "DROP FUNCTION notifications_quiet_until(text, time, time, timestamptz);")]
