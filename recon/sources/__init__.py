"""Where lines come from by themselves: watched folders, SFTP servers, databases. Only here is elsewhere read."""
