INSERT INTO artist VALUES
  ('artist-1', 'AC/DC'),
  ('artist-2', 'Accept'),
  ('artist-3', 'Antônio Carlos Jobim');

INSERT INTO album VALUES
  ('album-1', 'artist-1', 'For Those About To Rock We Salute You'),
  ('album-2', 'artist-2', 'Restless and Wild'),
  ('album-3', 'artist-3', 'Warner 25 Anos');

INSERT INTO track VALUES
  ('track-1', 'album-1', 'For Those About To Rock (We Salute You)', 99, 100),
  ('track-2', 'album-1', 'Put The Finger On You', 99, 100),
  ('track-3', 'album-2', 'Fast As a Shark', 99, 50),
  ('track-4', 'album-2', 'Princess of the Dawn', 129, 50),
  ('track-5', 'album-3', 'Desafinado', 129, 3),
  ('track-6', 'album-3', 'Garota De Ipanema', 149, 0);

INSERT INTO customer VALUES
  ('customer-1', 'Luís Gonçalves', 'luisg@embraer.com.br'),
  ('customer-2', 'Leonie Köhler', 'leonekohler@surfeu.de');
