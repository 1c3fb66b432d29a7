-- Part de chaque réservataire dans le flux (ligne i) ; avec plusieurs territoires, moyenne pondérée par leur
-- parc soumis.
-- Grain : un réservataire.
-- Clé : code_reservataire
select
    code_reservataire,
    cast(sum(c) as bigint) as nb_soumis,
    case
        when count(i) < count(*) then null
        when count(*) = 1 then min(i)
        else part_de(sum(c * i), 1, sum(c))
    end as part
from intermediaire.calcul_flux
where nature_bilan = 'reservataire' and usage = 'annexe'
group by code_reservataire
